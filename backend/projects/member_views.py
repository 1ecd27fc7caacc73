"""Members and invitations."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from backend.projects import invitation_mails, invitations, members, selectors
from backend.projects.member_serializers import (
    AcceptSerializer,
    InvitationCreatedSerializer,
    InvitationSerializer,
    InvitationWriteSerializer,
    JoinedSerializer,
    MembershipSerializer,
    MembershipWriteSerializer,
)
from backend.projects.models import Invitation, Membership
from backend.users.requests import request_user


class MemberListView(GenericAPIView[Membership]):
    pagination_class = None
    serializer_class = MembershipSerializer
    filter_backends: list[Any] = []

    @extend_schema(responses=MembershipSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        project = selectors.project_get(user=request_user(request), project_id=project_id)
        return Response(MembershipSerializer(members.membership_list(project=project), many=True).data)


class MemberView(APIView):
    @extend_schema(request=MembershipWriteSerializer, responses=MembershipSerializer)
    def patch(self, request: Request, project_id: int, user_id: int) -> Response:
        editor = request_user(request)
        project = selectors.project_get(user=editor, project_id=project_id)
        data = MembershipWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        membership = members.membership_change(
            project=project, editor=editor, user_id=user_id, role=data.validated_data["role"]
        )
        return Response(MembershipSerializer(membership).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: int, user_id: int) -> Response:
        """Takes somebody out of the project; everybody may take out themselves."""
        editor = request_user(request)
        project = selectors.project_get(user=editor, project_id=project_id)
        members.membership_remove(project=project, editor=editor, user_id=user_id)
        return Response(status=204)


class InvitationListView(GenericAPIView[Invitation]):
    pagination_class = None
    serializer_class = InvitationSerializer
    filter_backends: list[Any] = []

    @extend_schema(responses=InvitationSerializer(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        project = selectors.project_get(user=request_user(request), project_id=project_id)
        found = invitations.invitation_list(project=project)
        return Response(InvitationSerializer(found, many=True).data)

    @extend_schema(request=InvitationWriteSerializer, responses={201: InvitationCreatedSerializer, 429: None})
    def post(self, request: Request, project_id: int) -> Response:
        """The only answer that tells the secret, of which the link is made. With an address the link is sent there as
        well; `mailed_at` is null where the mail server refused."""
        creator = request_user(request)
        project = selectors.project_get(user=creator, project_id=project_id)
        data = InvitationWriteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        invitation, secret = invitations.invitation_create(
            project=project, creator=creator, **data.validated_data
        )
        if invitation.email:
            link = request.build_absolute_uri(f"/invitations/{secret}")
            invitation_mails.invitation_mail(invitation=invitation, link=link)
        return Response(InvitationCreatedSerializer(invitation, context={"secret": secret}).data, status=201)


class InvitationView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> Response:
        invitations.invitation_revoke(user=request_user(request), invitation_id=invitation_id)
        return Response(status=204)


class InvitationAcceptView(APIView):
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @extend_schema(request=AcceptSerializer, responses={200: JoinedSerializer, 404: None, 409: None})
    def post(self, request: Request) -> Response:
        """Makes the person logged in a member of the project that the link's secret belongs to."""
        data = AcceptSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        project = invitations.invitation_accept(
            user=request_user(request), secret=data.validated_data["secret"]
        )
        return Response(JoinedSerializer(project).data)
