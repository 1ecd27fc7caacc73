import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { ChangePassword } from "./ChangePassword";
import { Tokens } from "./Tokens";
import { useMe } from "./session";

/** One's own password and tokens. */
export default function AccountPage() {
  const me = useMe();
  return (
    <Stack maw={760} mx="auto" gap="lg">
      <div>
        <Title order={2} data-testid="account-title">
          Account
        </Title>
        <Text c="dimmed" size="sm">
          {me.display_name === me.username ? me.username : `${me.display_name} (${me.username})`}
        </Text>
      </div>
      <Section title="Tokens">
        <Tokens />
      </Section>
      <Section title="Password">
        <ChangePassword />
      </Section>
    </Stack>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Paper className="surface" p="lg" component="section" aria-label={title}>
      <Title order={3} mb="sm">
        {title}
      </Title>
      {children}
    </Paper>
  );
}
