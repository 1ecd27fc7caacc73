import { Alert, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { CopyLine } from "../common/CopyLine";

interface Props {
  readonly name: string;
  readonly secret: string;
  readonly example: string;
  readonly onClose: () => void;
}

/** A new token's secret, which nobody can show again. */
export function MadeToken({ name, secret, example, onClose }: Props) {
  return (
    <Alert
      color="green"
      icon={<IconKey size={18} />}
      title={`Token "${name}" is made`}
      withCloseButton
      closeButtonLabel="Hide the secret"
      onClose={onClose}
      data-testid="token-made"
    >
      <Stack gap="xs">
        <Text size="sm">Copy its secret now. It is shown only here, only once.</Text>
        <CopyLine value={secret} testId="token-secret" />
        <Text size="sm">For example:</Text>
        <CopyLine value={example} testId="token-example" />
      </Stack>
    </Alert>
  );
}
