import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { login } from "../api/auth";
import { describeError } from "../api/errors";
import type { User } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";

interface Props {
  readonly username?: string;
  readonly onLoggedIn: (user: User) => void;
}

/** Name and password. */
export function LoginForm({ username: known = "", onLoggedIn }: Props) {
  const [username, setUsername] = useState(known);
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => login(username.trim(), password),
    onSuccess: onLoggedIn,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <Stack component="form" onSubmit={submit}>
      {attempt.error && <ErrorNotice title="Not logged in" error={describeError(attempt.error)} />}
      <TextInput
        label="User name"
        required
        autoFocus={known === ""}
        autoComplete="username"
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
        data-testid="login-username"
      />
      <PasswordInput
        label="Password"
        required
        autoFocus={known !== ""}
        data-autofocus={known !== "" || undefined}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        data-testid="login-password"
      />
      <Button type="submit" loading={attempt.isPending} data-testid="login-submit">
        Log in
      </Button>
    </Stack>
  );
}
