import { ActionIcon, Alert, Button, Group, Select, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconLinkPlus, IconMailCheck, IconMailForward, IconMailX, IconTrash } from "@tabler/icons-react";
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
  /** The one made last, whose link is shown only now. */
  readonly made: (Pick<Invitation, "email" | "mailed_at"> & { readonly url: string }) | null;
  /** Whether the server sends mail. */
  readonly hasEmail: boolean;
  readonly isMaking: boolean;
  readonly onMake: (wanted: InvitationWrite) => void;
  readonly onRevoke: (invitation: Invitation) => void;
}

/** Makes links that bring people in, and shows those that are still open. */
export function Invitations({ myRole, invitations, made, hasEmail, isMaking, onMake, onRevoke }: Props) {
  const open = invitations.filter(isOpen);
  return (
    <Stack gap="sm">
      <InvitationForm myRole={myRole} hasEmail={hasEmail} isMaking={isMaking} onMake={onMake} />
      {made?.email && <MailNotice email={made.email} isSent={made.mailed_at !== null} />}
      {made && <CopyLine value={made.url} testId="invitation-url" />}
      {open.map((invitation) => (
        <Group key={invitation.id} justify="space-between" wrap="nowrap" data-testid="open-invitation">
          <Text size="sm" truncate>
            {invitation.note || invitation.email || `${roleLabel(invitation.role)}, nobody named`}
            <Text span size="xs" c="dimmed" ml="xs">
              {roleLabel(invitation.role)}, until {new Date(invitation.expires_at).toLocaleDateString()}
              {invitation.email && `, ${mailText(invitation)}`}
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

function MailNotice({ email, isSent }: { readonly email: string; readonly isSent: boolean }) {
  return (
    <Alert
      color={isSent ? "green" : "orange"}
      icon={isSent ? <IconMailCheck size={18} /> : <IconMailX size={18} />}
      role="status"
      data-testid="invitation-mail"
      data-sent={isSent}
    >
      {isSent
        ? `The link was mailed to ${email}. You can hand it over yourself as well:`
        : `The mail to ${email} could not be sent. The link is good: hand it over yourself.`}
    </Alert>
  );
}

function InvitationForm({
  myRole,
  hasEmail,
  isMaking,
  onMake,
}: Pick<Props, "myRole" | "hasEmail" | "isMaking" | "onMake">) {
  const [role, setRole] = useState<Role>("annotator");
  const [days, setDays] = useState("7");
  const [note, setNote] = useState("");
  const [email, setEmail] = useState("");
  const isMailed = email.trim() !== "";
  const make = (event: SyntheticEvent) => {
    event.preventDefault();
    onMake({ role, days: Number(days), note: note.trim(), email: email.trim() });
    setNote("");
    setEmail("");
  };
  return (
    <form onSubmit={make}>
      {hasEmail && (
        <TextInput
          mb="xs"
          type="email"
          label="E-mail address"
          description="The link is sent there. Without an address you hand it over yourself."
          placeholder="name@example.org"
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          data-testid="invitation-email"
        />
      )}
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          label="For whom"
          placeholder="A name"
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
          leftSection={isMailed ? <IconMailForward size={16} /> : <IconLinkPlus size={16} />}
          data-testid="invitation-make"
        >
          {isMailed ? "Send a link" : "Make a link"}
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

function mailText({ email, note, mailed_at }: Invitation): string {
  const whom = note ? ` to ${email}` : "";
  return mailed_at === null ? `mail${whom} not sent` : `mailed${whom}`;
}
