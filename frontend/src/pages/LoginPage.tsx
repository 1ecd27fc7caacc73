import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useLocation, useNavigate } from "react-router";
import { login } from "../api/auth";
import { describeError } from "../api/errors";
import { Brand } from "../components/common/Brand";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { keys } from "./queries";

export function LoginPage() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const navigate = useNavigate();
  const location = useLocation();
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => login(username.trim(), password),
    onSuccess: (user) => {
      queryClient.clear();
      queryClient.setQueryData(keys.me, user);
      void navigate(returnPath(location.state), { replace: true });
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper className="surface" p="xl" w={380} component="form" onSubmit={submit}>
        <Stack>
          <Brand size={34} />
          <Text c="dimmed" size="sm">
            Segment anything, together.
          </Text>
          {attempt.error && <ErrorNotice title="Not logged in" error={describeError(attempt.error)} />}
          <TextInput
            label="User name"
            required
            autoFocus
            autoComplete="username"
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            data-testid="login-username"
          />
          <PasswordInput
            label="Password"
            required
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            data-testid="login-password"
          />
          <Button type="submit" loading={attempt.isPending} data-testid="login-submit">
            Log in
          </Button>
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
