import { Button, PasswordInput, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { changePassword } from "../api/account";
import { PasswordRefused } from "../components/account/PasswordRefused";
import { useMe } from "./session";

/** The present password and a new one. */
export function ChangePassword() {
  const me = useMe();
  const [present, setPresent] = useState("");
  const [wanted, setWanted] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword(present, wanted),
    onSuccess: () => {
      setPresent("");
      setWanted("");
      notifications.show({
        color: "green",
        title: "Password changed",
        message: "Other sessions have ended.",
      });
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Stack component="form" onSubmit={submit} maw={380} gap="sm">
      {change.isError && <PasswordRefused error={change.error} />}
      {/* So that a password manager knows whose it is. */}
      <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
      <PasswordInput
        label="Present password"
        required
        autoComplete="current-password"
        value={present}
        onChange={(event) => setPresent(event.currentTarget.value)}
        data-testid="password-present"
      />
      <PasswordInput
        label="New password"
        required
        autoComplete="new-password"
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
        data-testid="password-new"
      />
      <Button type="submit" w="fit-content" loading={change.isPending} data-testid="password-change">
        Change the password
      </Button>
      <Text size="xs" c="dimmed">
        Ends every other session of yours. Tokens stay valid; revoke those you no longer trust.
      </Text>
    </Stack>
  );
}
