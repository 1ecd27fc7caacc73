"""Many masks in one call, and what became of each."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from backend.annotations.models import Mask
from backend.annotations.operations import MAX_OPERATIONS, Kind, Operation, Outcome
from backend.annotations.serializers import (
    MaskCreateSerializer,
    MaskSerializer,
    MaskUpdateSerializer,
    stale_extra,
)
from backend.annotations.services import StaleRevision
from backend.common.errors import ApplicationError, InvalidInput, first_complaint, printable
from backend.common.fields import KeyField


class CreateOperationSerializer(MaskCreateSerializer):
    """What POST `images/{image_id}/masks/` takes, and the image."""

    op = serializers.ChoiceField(choices=[Kind.CREATE.value])
    image = KeyField(source="image_id")


class UpdateOperationSerializer(MaskUpdateSerializer):
    """What PATCH `masks/{mask_id}/` takes, and the mask."""

    op = serializers.ChoiceField(choices=[Kind.UPDATE.value])
    id = serializers.UUIDField(source="mask_id")


class DeleteOperationSerializer(serializers.Serializer[Any]):
    op = serializers.ChoiceField(choices=[Kind.DELETE.value])
    id = serializers.UUIDField(source="mask_id")
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The revision to delete.")


_SERIALIZERS: Final[Mapping[str, type[serializers.Serializer[Any]]]] = {
    Kind.CREATE.value: CreateOperationSerializer,
    Kind.UPDATE.value: UpdateOperationSerializer,
    Kind.DELETE.value: DeleteOperationSerializer,
}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="MaskOperation",
        serializers=dict(_SERIALIZERS),
        resource_type_field_name="op",
        many=False,
    )
)
class OperationField(serializers.Field[Any, Any, Any, Any]):
    """An operation, or the error of one that cannot be read: it is refused alone, not the call with it."""

    def to_internal_value(self, data: Any) -> Operation | ApplicationError:
        kind = data.get("op") if isinstance(data, Mapping) else None
        serializer = _SERIALIZERS.get(kind) if isinstance(kind, str) else None
        if serializer is None:
            return InvalidInput(
                f"op: An operation is one of {', '.join(_SERIALIZERS)}.",
                "input.invalid",
                {"fields": {"op": ["An operation is create, update or delete."]}},
            )
        read = serializer(data=data)
        if not read.is_valid():
            return InvalidInput(first_complaint(read.errors), "input.invalid", {"fields": read.errors})
        fields = dict(read.validated_data)
        fields.pop("op")
        restores = fields.pop("restores", None)
        return Operation(
            kind=Kind(str(kind)),
            mask_id=fields.pop("mask_id"),
            image_id=fields.pop("image_id", None),
            revision=fields.pop("revision", restores),
            fields=fields,
        )


class MaskBulkSerializer(serializers.Serializer[Any]):
    """Operations on masks of one project, each mask once; done in their order, image by image."""

    atomic = serializers.BooleanField(
        default=False, help_text="All or none; otherwise each for itself, and the answer says of each."
    )
    operations = serializers.ListField(child=OperationField(), min_length=1, max_length=MAX_OPERATIONS)


class ItemErrorSerializer(serializers.Serializer[Any]):
    """What the single endpoint would have refused it with."""

    code = serializers.CharField()
    message = serializers.CharField()
    extra = serializers.DictField()


class MaskResultSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Of the operation, from 0.")
    id = serializers.CharField(allow_null=True, help_text="As it was sent.")
    status = serializers.IntegerField(help_text="What the single endpoint would have answered with.")
    mask = MaskSerializer(allow_null=True, help_text="As it is now; null where it was deleted or refused.")
    error = ItemErrorSerializer(allow_null=True)


class MaskBulkResultSerializer(serializers.Serializer[Any]):
    results = MaskResultSerializer(many=True, help_text="In the order of the operations.")
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()


class MaskBulkExtraSerializer(serializers.Serializer[Any]):
    results = MaskResultSerializer(many=True, help_text="Of the operations that were refused.")


class MaskBulkRefusedSerializer(serializers.Serializer[Any]):
    """Nothing was done: what was refused, and why. 400 where something can never be accepted, else 409."""

    code = serializers.CharField()
    message = serializers.CharField()
    extra = MaskBulkExtraSerializer()


def results_data(sent: list[Any], outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """`MaskResult`s of operations as they were sent, and what became of each."""
    return [_result_data(index, one, outcomes[index]) for index, one in enumerate(sent)]


def _result_data(index: int, sent: Any, outcome: Outcome) -> dict[str, Any]:
    named = sent.get("id") if isinstance(sent, Mapping) else None
    return {
        "index": index,
        "id": printable(named) if isinstance(named, str) else None,
        "status": outcome.status,
        "mask": _mask_data(outcome.mask) if outcome.mask else None,
        "error": _error_data(outcome.error) if outcome.error else None,
    }


def _mask_data(mask: Mask) -> dict[str, Any]:
    return dict(MaskSerializer(mask).data)


def _error_data(error: ApplicationError) -> dict[str, Any]:
    extra = stale_extra(error) if isinstance(error, StaleRevision) else error.extra
    return {"code": error.code, "message": printable(error.message), "extra": printable(extra)}
