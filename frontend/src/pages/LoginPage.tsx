import { Anchor } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "react-router";
import { fetchLoginOptions } from "../api/account";
import type { User } from "../api/types";
import { LoginFrame } from "../components/common/LoginFrame";
import { LoginForm } from "./LoginForm";
import { keys } from "./queries";
import { useServices } from "./services";

export function LoginPage() {
  const navigate = useNavigate();
  const location = useLocation();
  const queryClient = useQueryClient();
  const { session } = useServices();
  // Where they cannot be read, name and password remain.
  const options = useQuery({ queryKey: keys.loginOptions, queryFn: fetchLoginOptions });
  const enter = (user: User) => {
    queryClient.clear();
    queryClient.setQueryData(keys.me, user);
    session.opened();
    void navigate(returnPath(location.state), { replace: true });
  };
  return (
    <LoginFrame>
      <LoginForm onLoggedIn={enter} />
      {options.data?.has_email && (
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
