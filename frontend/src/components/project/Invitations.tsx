import { ActionIcon, Button, Group, Select, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconLinkPlus, IconTrash } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import type { Invitation, InvitationWrite, Role } from "../../api/types";
import { CopyLine } from "../common/CopyLine";
import { ROLES, roleLabel, rolesToGive } from "./roles";

const DAYS = [1, 7, 30, 90].map((days) => ({
  value: String(days),
  label: days === 1 ? "1 day" : `${days} days`,
}));

interface Props {
  readonly myRole: Role;
  readonly invitations: readonly Invitation[];
  /** Of the link made last, which is shown only now. */
  readonly madeUrl: string | null;
  readonly isMaking: boolean;
  readonly onMake: (wanted: InvitationWrite) => void;
  readonly onRevoke: (invitation: Invitation) => void;
}

/** Makes links that bring people in, and shows those that are still open. */
export function Invitations({ myRole, invitations, madeUrl, isMaking, onMake, onRevoke }: Props) {
  const open = invitations.filter(isOpen);
  return (
    <Stack gap="sm">
      <InvitationForm myRole={myRole} isMaking={isMaking} onMake={onMake} />
      {madeUrl && <CopyLine value={madeUrl} testId="invitation-url" />}
      {open.map((invitation) => (
        <Group key={invitation.id} justify="space-between" wrap="nowrap" data-testid="open-invitation">
          <Text size="sm" truncate>
            {invitation.note || `${roleLabel(invitation.role)}, nobody named`}
            <Text span size="xs" c="dimmed" ml="xs">
              {roleLabel(invitation.role)}, until {new Date(invitation.expires_at).toLocaleDateString()}
            </Text>
          </Text>
          <Tooltip label="Take the invitation back">
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label="Take the invitation back"
              onClick={() => onRevoke(invitation)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
    </Stack>
  );
}

function InvitationForm({ myRole, isMaking, onMake }: Pick<Props, "myRole" | "isMaking" | "onMake">) {
  const [role, setRole] = useState<Role>("annotator");
  const [days, setDays] = useState("7");
  const [note, setNote] = useState("");
  const make = (event: SyntheticEvent) => {
    event.preventDefault();
    onMake({ role, days: Number(days), note: note.trim() });
    setNote("");
  };
  return (
    <form onSubmit={make}>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          label="For whom"
          placeholder="A name, for your memory"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Select
          w={130}
          label="As"
          data={[...rolesToGive(myRole)]}
          value={role}
          allowDeselect={false}
          onChange={(value) => value && setRole(value)}
        />
        <Select
          w={100}
          label="Holds"
          data={DAYS}
          value={days}
          allowDeselect={false}
          onChange={(value) => value && setDays(value)}
        />
        <Button
          type="submit"
          variant="light"
          loading={isMaking}
          leftSection={<IconLinkPlus size={16} />}
          data-testid="invitation-make"
        >
          Make a link
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {ROLES.find(({ value }) => value === role)?.purpose}. Whoever opens the link first comes in.
      </Text>
    </form>
  );
}

function isOpen({ accepted_at, revoked_at, expires_at }: Invitation): boolean {
  return accepted_at === null && revoked_at === null && new Date(expires_at) > new Date();
}
