import { Alert, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import type { WebhookSecret } from "../../api/types";
import { CopyLine } from "../common/CopyLine";

interface Props {
  readonly made: WebhookSecret;
  readonly onClose: () => void;
}

/** A new secret, which nobody can show again. */
export function SecretNotice({ made, onClose }: Props) {
  return (
    <Alert
      color="green"
      icon={<IconKey size={18} />}
      title={
        <Text span inherit c="var(--mantine-color-text)">
          Copy the signing secret now
        </Text>
      }
      withCloseButton
      closeButtonLabel="Hide the secret"
      onClose={onClose}
      data-testid="webhook-made"
    >
      <Stack gap="xs">
        <Text size="sm">
          It is shown only here, only once. The program at {made.url} checks with it that requests come from
          this server.
          {made.old_secret_until &&
            ` The secret of before works as well until ${new Date(made.old_secret_until).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}.`}
        </Text>
        <CopyLine value={made.secret} testId="webhook-secret" />
      </Stack>
    </Alert>
  );
}
