import { Anchor } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "react-router";
import type { User } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { LoginFrame } from "../components/common/LoginFrame";
import { LoginForm } from "./LoginForm";
import { OidcButton, useLoginOptions } from "./OidcButton";
import { keys } from "./queries";
import { refusalOf } from "./refusals";
import { useServices } from "./services";

export function LoginPage() {
  const navigate = useNavigate();
  const location = useLocation();
  const queryClient = useQueryClient();
  const { session } = useServices();
  const options = useLoginOptions();
  const refusal = refusalOf(location.search);
  const enter = (user: User) => {
    queryClient.clear();
    queryClient.setQueryData(keys.me, user);
    session.opened();
    void navigate(returnPath(location.state), { replace: true });
  };
  return (
    <LoginFrame>
      {refusal && <ErrorNotice title="Not logged in" error={refusal} />}
      <LoginForm onLoggedIn={enter} />
      <OidcButton returnTo={returnPath(location.state)} />
      {options?.has_email && (
        <Anchor component={Link} to="/forgot" size="sm" data-testid="login-forgot">
          Forgot the password?
        </Anchor>
      )}
    </LoginFrame>
  );
}

/** The page one came from; only paths of this application. */
function returnPath(state: unknown): string {
  const from = (state as { from?: unknown } | null)?.from;
  return typeof from === "string" && from.startsWith("/") && !from.startsWith("//") ? from : "/";
}
