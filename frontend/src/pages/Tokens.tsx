import { Divider, Loader, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createToken, curlExample, fetchTokens, revokeToken } from "../api/account";
import { describeError } from "../api/errors";
import type { ApiToken } from "../api/types";
import { MadeToken } from "../components/account/MadeToken";
import { TokenForm } from "../components/account/TokenForm";
import { TokenList } from "../components/account/TokenList";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { keys } from "./queries";

/** What lets scripts in: made, shown and revoked. */
export function Tokens() {
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: keys.tokens });
  const tokens = useQuery({ queryKey: keys.tokens, queryFn: fetchTokens });
  // The secret stays no longer than this page.
  const make = useMutation({ mutationFn: createToken, gcTime: 0, onSettled: refresh });
  const revoke = useMutation({
    mutationFn: (token: ApiToken) => revokeToken(token.id),
    onError: (error) =>
      notifications.show({ color: "orange", title: "Not revoked", message: describeError(error).message }),
    onSettled: refresh,
  });
  const confirmRevoking = (token: ApiToken) =>
    modals.openConfirmModal({
      title: `Revoke ${token.name}?`,
      children: <Text size="sm">Scripts that use it are shut out at once. This cannot be undone.</Text>,
      labels: { confirm: "Revoke", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => {
        if (make.data?.id === token.id) make.reset();
        revoke.mutate(token);
      },
    });
  return (
    <Stack>
      <TokenForm isMaking={make.isPending} onMake={(wanted) => make.mutate(wanted)} />
      {make.isError && <ErrorNotice title="No token was made" error={describeError(make.error)} />}
      {make.data && (
        <MadeToken
          name={make.data.name}
          secret={make.data.secret}
          example={curlExample(make.data.secret)}
          onClose={() => make.reset()}
        />
      )}
      <Divider />
      {tokens.isPending && <Loader size="sm" aria-label="Loading the tokens" />}
      {tokens.isError && (
        <ErrorNotice
          title="The tokens could not be loaded"
          error={describeError(tokens.error)}
          onRetry={() => void tokens.refetch()}
        />
      )}
      {tokens.data && <TokenList tokens={tokens.data} onRevoke={confirmRevoking} />}
    </Stack>
  );
}
