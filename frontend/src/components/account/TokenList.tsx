import { ActionIcon, Badge, Code, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { ApiToken } from "../../api/types";
import { sinceWhen } from "../common/formats";

interface Props {
  readonly tokens: readonly ApiToken[];
  readonly onRevoke: (token: ApiToken) => void;
}

/** The tokens there are, the newest first. */
export function TokenList({ tokens, onRevoke }: Props) {
  const now = new Date();
  if (tokens.length === 0) {
    return (
      <Text size="sm" c="dimmed" data-testid="tokens-none">
        There are no tokens. A script needs one to use the API in your name.
      </Text>
    );
  }
  return (
    <Stack gap="xs" data-testid="token-list">
      {tokens.map((token) => (
        <Group
          key={token.id}
          justify="space-between"
          wrap="nowrap"
          data-testid="token"
          data-name={token.name}
        >
          <div style={{ minWidth: 0 }}>
            <Text size="sm" truncate>
              {token.name}
              <Badge ml="xs" size="xs" variant="light">
                {token.scope === "read" ? "reads" : "reads and writes"}
              </Badge>
              {isExpired(token, now) && (
                <Badge ml="xs" size="xs" variant="light" color="orange">
                  expired
                </Badge>
              )}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              <Code>{token.prefix}…</Code> {holds(token)}, {lastUse(token, now)}
            </Text>
          </div>
          <Tooltip label={`Revoke ${token.name}`}>
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={`Revoke ${token.name}`}
              onClick={() => onRevoke(token)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
    </Stack>
  );
}

function isExpired({ expires_at }: ApiToken, now: Date): boolean {
  return expires_at !== null && new Date(expires_at) <= now;
}

function holds({ expires_at }: ApiToken): string {
  return expires_at === null ? "until revoked" : `until ${new Date(expires_at).toLocaleDateString()}`;
}

function lastUse({ last_used_at }: ApiToken, now: Date): string {
  return last_used_at === null ? "never used" : `last used ${sinceWhen(new Date(last_used_at), now)}`;
}
