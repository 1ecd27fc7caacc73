import { Center, Paper, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import type { User } from "../api/types";
import { Brand } from "../components/common/Brand";
import { LoginForm } from "./LoginForm";
import { keys } from "./queries";
import { useServices } from "./services";

export function LoginPage() {
  const navigate = useNavigate();
  const location = useLocation();
  const queryClient = useQueryClient();
  const { session } = useServices();
  const enter = (user: User) => {
    queryClient.clear();
    queryClient.setQueryData(keys.me, user);
    session.opened();
    void navigate(returnPath(location.state), { replace: true });
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper className="surface" p="xl" w={380}>
        <Stack>
          <Brand size={34} />
          <Text c="dimmed" size="sm">
            Segment anything, together.
          </Text>
          <LoginForm onLoggedIn={enter} />
        </Stack>
      </Paper>
    </Center>
  );
}

/** The page one came from; only paths of this application. */
function returnPath(state: unknown): string {
  const from = (state as { from?: unknown } | null)?.from;
  return typeof from === "string" && from.startsWith("/") && !from.startsWith("//") ? from : "/";
}
