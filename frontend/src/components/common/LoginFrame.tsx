import { Center, Paper, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Brand } from "./Brand";

/** The card in the middle of the pages for people who are not logged in. */
export function LoginFrame({ children }: { readonly children: ReactNode }) {
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper className="surface" p="xl" w={380}>
        <Stack>
          <Brand size={34} />
          <Text c="dimmed" size="sm">
            Segment anything, together.
          </Text>
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
