import { Button } from "@mantine/core";
import { IconLogin2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { fetchLoginOptions } from "../api/account";
import { keys } from "./queries";

/** What the log-in page may offer; where it cannot be read, name and password remain. */
export function useLoginOptions() {
  return useQuery({ queryKey: keys.loginOptions, queryFn: fetchLoginOptions, staleTime: Infinity }).data;
}

/** Logs in elsewhere, where the server knows such a place, and comes back to `returnTo`. */
export function OidcButton({ returnTo }: { readonly returnTo: string }) {
  const oidc = useLoginOptions()?.oidc;
  if (!oidc) return null;
  return (
    <Button
      component="a"
      href={`${oidc.url}?${new URLSearchParams({ next: returnTo })}`}
      variant="default"
      leftSection={<IconLogin2 size={16} />}
      data-testid="login-oidc"
    >
      Log in with {oidc.name}
    </Button>
  );
}
