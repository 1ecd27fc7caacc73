import { Alert, Anchor, Button, PasswordInput, Stack } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { Link, useParams } from "react-router";
import { confirmPasswordReset } from "../api/account";
import { PasswordRefused } from "../components/account/PasswordRefused";
import { LoginFrame } from "../components/common/LoginFrame";

/** Where the link of a mail leads: one chooses a new password. */
export default function ResetPage() {
  const { uid = "", token = "" } = useParams();
  const [password, setPassword] = useState("");
  const confirm = useMutation({ mutationFn: () => confirmPasswordReset(uid, token, password) });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <LoginFrame>
      {confirm.isSuccess ? (
        <Alert
          color="green"
          icon={<IconCheck size={18} />}
          title="You have a new password"
          data-testid="reset-done"
        >
          Log in with it.
        </Alert>
      ) : (
        <Stack component="form" onSubmit={submit}>
          {confirm.isError && <PasswordRefused error={confirm.error} />}
          <PasswordInput
            label="New password"
            required
            autoFocus
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            data-testid="reset-password"
          />
          <Button type="submit" loading={confirm.isPending} data-testid="reset-confirm">
            Set the password
          </Button>
        </Stack>
      )}
      <Anchor component={Link} to="/login" size="sm">
        To the log-in
      </Anchor>
    </LoginFrame>
  );
}
