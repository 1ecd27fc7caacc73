import { Button, Code, CopyButton, Group } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

interface Props {
  readonly value: string;
  readonly testId: string;
}

/** Something to be taken along, and the button that does. */
export function CopyLine({ value, testId }: Props) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Code style={{ flex: 1, overflowWrap: "anywhere" }} data-testid={testId}>
        {value}
      </Code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button
            size="xs"
            variant="default"
            style={{ flexShrink: 0 }}
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            onClick={copy}
          >
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
