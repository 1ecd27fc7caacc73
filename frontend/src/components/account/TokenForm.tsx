import { Button, Group, Select, Text, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import type { ApiTokenWrite, TokenScope } from "../../api/types";

const SCOPES: readonly { value: TokenScope; label: string; purpose: string }[] = [
  { value: "read", label: "Read", purpose: "Sees what you see and changes nothing" },
  { value: "write", label: "Read and write", purpose: "Does in your projects whatever you may do" },
];
const FOR_EVER = "for ever";
const SPANS = [
  ...[7, 30, 90, 365].map((days) => ({ value: String(days), label: `${days} days` })),
  { value: FOR_EVER, label: "Until revoked" },
];

interface Props {
  readonly isMaking: boolean;
  readonly onMake: (wanted: ApiTokenWrite) => void;
}

/** What a new token is for, what it may and how long it holds. */
export function TokenForm({ isMaking, onMake }: Props) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<TokenScope>("read");
  const [span, setSpan] = useState("90");
  const make = (event: SyntheticEvent) => {
    event.preventDefault();
    onMake({ name: name.trim(), scope, days: span === FOR_EVER ? null : Number(span) });
    setName("");
  };
  return (
    <form onSubmit={make}>
      <Group gap="xs" align="flex-end">
        <TextInput
          style={{ flex: 1, minWidth: 180 }}
          label="For what"
          required
          maxLength={100}
          placeholder="Nightly export"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="token-name"
        />
        <Select
          w={150}
          label="May"
          data={[...SCOPES]}
          value={scope}
          allowDeselect={false}
          onChange={(value) => value && setScope(value)}
        />
        <Select
          w={140}
          label="Holds"
          data={SPANS}
          value={span}
          allowDeselect={false}
          onChange={(value) => value && setSpan(value)}
        />
        <Button
          type="submit"
          variant="light"
          loading={isMaking}
          disabled={name.trim() === ""}
          leftSection={<IconKey size={16} />}
          data-testid="token-make"
        >
          Make a token
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {SCOPES.find(({ value }) => value === scope)?.purpose}. No token manages tokens or passwords.
      </Text>
    </form>
  );
}
