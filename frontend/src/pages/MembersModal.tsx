import { Divider, Loader, Modal, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { fetchLoginOptions } from "../api/account";
import { describeError } from "../api/errors";
import {
  changeRole,
  createInvitation,
  fetchInvitations,
  fetchMembers,
  invitationUrl,
  removeMember,
  revokeInvitation,
} from "../api/members";
import { mayChange } from "../api/permissions";
import type { Invitation, InvitationWrite, Membership, Project, Role } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { Invitations } from "../components/project/Invitations";
import { MemberList } from "../components/project/MemberList";
import { keys } from "./queries";
import { useMe } from "./session";

interface Props {
  readonly project: Project;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Who belongs to the project, each change saved at once; links that bring others in. */
export function MembersModal({ project, isOpen, onClose }: Props) {
  const me = useMe();
  const isManaged = mayChange(project, "PATCH projects/{project_id}/members/{user_id}/");
  const members = useQuery({
    queryKey: keys.members(project.id),
    queryFn: () => fetchMembers(project.id),
    enabled: isOpen,
  });
  const changes = useMemberChanges(project);
  const confirmRemoval = (member: Membership) =>
    modals.openConfirmModal({
      title: member.user_id === me.id ? `Leave ${project.name}?` : `Take ${member.display_name} out?`,
      children: <Text size="sm">The masks stay. Coming back takes an invitation.</Text>,
      labels: { confirm: member.user_id === me.id ? "Leave" : "Take out", cancel: "Stay as it is" },
      confirmProps: { color: "red" },
      onConfirm: () => changes.remove(member),
    });
  return (
    <Modal opened={isOpen} onClose={onClose} title="Members" size="lg">
      {members.isPending && <Loader size="sm" aria-label="Loading the members" />}
      {members.isError && (
        <ErrorNotice
          title="The members could not be loaded"
          error={describeError(members.error)}
          onRetry={() => void members.refetch()}
        />
      )}
      {members.data && (
        <Stack>
          <MemberList
            members={members.data}
            myId={me.id}
            myRole={project.role}
            isManaged={isManaged}
            onChangeRole={changes.setRole}
            onRemove={confirmRemoval}
          />
          {isManaged && (
            <>
              <Divider label="Invite others" labelPosition="left" />
              <ProjectInvitations project={project} />
            </>
          )}
        </Stack>
      )}
    </Modal>
  );
}

function ProjectInvitations({ project }: { readonly project: Project }) {
  const queryClient = useQueryClient();
  const queryKey = keys.invitations(project.id);
  const refresh = () => queryClient.invalidateQueries({ queryKey });
  const invitations = useQuery({ queryKey, queryFn: () => fetchInvitations(project.id) });
  const options = useQuery({ queryKey: keys.loginOptions, queryFn: fetchLoginOptions });
  const make = useMutation({
    mutationFn: (wanted: InvitationWrite) => createInvitation(project.id, wanted),
    onError: showRefusal,
    onSettled: refresh,
  });
  const revoke = useMutation({
    mutationFn: (invitation: Invitation) => revokeInvitation(invitation.id),
    onError: showRefusal,
    onSettled: refresh,
  });
  return (
    <Invitations
      myRole={project.role}
      invitations={invitations.data ?? []}
      made={make.data ? { ...make.data, url: invitationUrl(make.data.secret) } : null}
      hasEmail={options.data?.has_email ?? false}
      isMaking={make.isPending}
      onMake={(wanted) => make.mutate(wanted)}
      onRevoke={(invitation) => revoke.mutate(invitation)}
    />
  );
}

function useMemberChanges(project: Project) {
  const me = useMe();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const refresh = () => queryClient.invalidateQueries({ queryKey: keys.members(project.id) });
  const role = useMutation({
    mutationFn: ({ member, role }: { member: Membership; role: Role }) =>
      changeRole(project.id, member.user_id, role),
    onError: showRefusal,
    // One's own role decides what the page offers.
    onSettled: async () => {
      await refresh();
      await queryClient.invalidateQueries({ queryKey: keys.project(project.id) });
    },
  });
  const removal = useMutation({
    mutationFn: (member: Membership) => removeMember(project.id, member.user_id),
    onError: showRefusal,
    onSuccess: async (_, member) => {
      if (member.user_id !== me.id) return refresh();
      await queryClient.invalidateQueries({ queryKey: keys.projects });
      await navigate("/");
    },
  });
  return {
    setRole: (member: Membership, wanted: Role) => role.mutate({ member, role: wanted }),
    remove: (member: Membership) => removal.mutate(member),
  };
}

function showRefusal(error: unknown): void {
  notifications.show({
    color: "orange",
    title: "Nothing was changed",
    message: describeError(error).message,
  });
}
