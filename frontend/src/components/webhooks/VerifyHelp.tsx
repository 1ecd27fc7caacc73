import { Anchor, Box, Code, Collapse, CopyButton, Group, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { VERIFY_SNIPPET } from "./verifySnippet";

/** How receivers check signatures, for whoever writes one. */
export function VerifyHelp() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Box>
      <UnstyledButton aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} data-testid="webhook-help">
        <Group gap={4}>
          {isOpen ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
          <Text size="sm">How a receiver checks the signature</Text>
        </Group>
      </UnstyledButton>
      <Collapse expanded={isOpen} transitionDuration={0}>
        <Text size="xs" c="dimmed" my={4}>
          Requests are signed as the Standard Webhooks specification says; its libraries for many languages
          work. In Python, without one:
        </Text>
        <Code block fz="xs" style={{ whiteSpace: "pre-wrap" }}>
          {VERIFY_SNIPPET}
        </Code>
        <CopyButton value={VERIFY_SNIPPET}>
          {({ copied, copy }) => (
            <Anchor component="button" type="button" size="xs" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Anchor>
          )}
        </CopyButton>
      </Collapse>
    </Box>
  );
}
