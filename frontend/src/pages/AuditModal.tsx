import { Group, Loader, Modal, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fetchAudit, type AuditFilter } from "../api/audit";
import { describeError } from "../api/errors";
import { fetchMembers } from "../api/members";
import type { AuditEntry, Project } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { ShowMore } from "../components/common/ShowMore";
import { AUDIT_KINDS, auditText } from "../components/project/auditTexts";
import { keys } from "./queries";

interface Props {
  readonly project: Project;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** As people choose: days as the browser's date boxes write them, both of them included. */
interface Choice {
  readonly actor: string | null;
  readonly action: string | null;
  readonly from: string;
  readonly to: string;
}

const EVERYTHING: Choice = { actor: null, action: null, from: "", to: "" };

/** What people did to the project as a whole, the newest first. */
export function AuditModal({ project, isOpen, onClose }: Props) {
  const [choice, setChoice] = useState(EVERYTHING);
  const members = useQuery({
    queryKey: keys.members(project.id),
    queryFn: () => fetchMembers(project.id),
    enabled: isOpen,
  });
  const log = useInfiniteQuery({
    queryKey: [...keys.audit(project.id), choice],
    queryFn: ({ pageParam }) => fetchAudit(project.id, filterOf(choice), pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    enabled: isOpen,
  });
  const people = (members.data ?? []).map(({ user_id, display_name }) => ({
    value: String(user_id),
    label: display_name,
  }));
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? [];
  const change = (part: Partial<Choice>) => setChoice((now) => ({ ...now, ...part }));
  return (
    <Modal opened={isOpen} onClose={onClose} title="Activity" size="xl">
      <Stack>
        <Group gap="xs" grow align="flex-end">
          <Select
            label="Who"
            placeholder="Everybody"
            clearable
            data={people}
            value={choice.actor}
            onChange={(actor) => change({ actor })}
          />
          <Select
            label="What"
            placeholder="Everything"
            clearable
            data={AUDIT_KINDS}
            value={choice.action}
            onChange={(action) => change({ action })}
            data-testid="audit-kind"
          />
          <TextInput
            label="From"
            type="date"
            value={choice.from}
            onChange={(event) => change({ from: event.currentTarget.value })}
          />
          <TextInput
            label="To"
            type="date"
            value={choice.to}
            onChange={(event) => change({ to: event.currentTarget.value })}
          />
        </Group>
        {log.isPending && <Loader size="sm" aria-label="Loading the activity" />}
        {log.isError && (
          <ErrorNotice
            title="The activity could not be loaded"
            error={describeError(log.error)}
            onRetry={() => void log.refetch()}
          />
        )}
        {log.data && entries.length === 0 && (
          <Text size="sm" c="dimmed">
            Nothing like that has happened.
          </Text>
        )}
        {entries.length > 0 && <Entries entries={entries} />}
        <ShowMore query={log}>Show earlier ones</ShowMore>
      </Stack>
    </Modal>
  );
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <Table verticalSpacing={6} data-testid="audit">
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.id} data-testid="audit-entry" data-action={entry.action}>
            <Table.Td w={170}>
              <Text size="xs" className="faint">
                {new Date(entry.at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}
              </Text>
            </Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              <Text size="sm">
                <b>{entry.actor?.display_name ?? "The server"}</b> {auditText(entry)}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function filterOf({ actor, action, from, to }: Choice): AuditFilter {
  return {
    actor: actor === null ? null : Number(actor),
    action: action ?? "",
    since: from ? startOf(from, 0) : null,
    until: to ? startOf(to, 1) : null,
  };
}

/** When a day begins where the reader is, or one so many days later. */
function startOf(day: string, later: number): Date {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  return new Date(year, month - 1, date + later);
}
