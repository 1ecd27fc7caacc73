import { Alert, Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { Link } from "react-router";
import { requestPasswordReset } from "../api/account";
import { describeError } from "../api/errors";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { LoginFrame } from "../components/common/LoginFrame";

/** Asks for a link to choose a new password. */
export default function ForgotPage() {
  const [email, setEmail] = useState("");
  const request = useMutation({ mutationFn: () => requestPasswordReset(email.trim()) });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    request.mutate();
  };
  return (
    <LoginFrame>
      {request.isSuccess ? (
        <Alert
          color="green"
          icon={<IconMail size={18} />}
          title="Look into your mail"
          data-testid="reset-asked"
        >
          If somebody here has the address {email.trim()}, a link is on its way. It works for a day.
        </Alert>
      ) : (
        <Stack component="form" onSubmit={submit}>
          {request.isError && <ErrorNotice title="No mail was sent" error={describeError(request.error)} />}
          <Text size="sm">We send a link that lets you choose a new password.</Text>
          <TextInput
            label="Your e-mail address"
            type="email"
            required
            autoFocus
            autoComplete="email"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            data-testid="reset-email"
          />
          <Button type="submit" loading={request.isPending} data-testid="reset-ask">
            Send the link
          </Button>
        </Stack>
      )}
      <Anchor component={Link} to="/login" size="sm">
        Back to the log-in
      </Anchor>
    </LoginFrame>
  );
}
