import { Alert, Button, Code, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

interface Props {
  readonly title: string;
  readonly error: { readonly code: string; readonly message: string };
  readonly onRetry?: () => void;
}

/** A failure with its sentence and code, and a way on where there is one. */
export function ErrorNotice({ title, error, onRetry }: Props) {
  return (
    <Alert color="orange" icon={<IconAlertTriangle size={18} />} title={title} data-testid="error-notice">
      <Group justify="space-between" wrap="nowrap" align="flex-end">
        <div>
          <Text size="sm">{error.message}</Text>
          <Code>{error.code}</Code>
        </div>
        {onRetry && (
          <Button size="xs" variant="light" color="orange" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
