import { Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { User } from "../api/types";
import { counted } from "../components/common/formats";
import { LoginForm } from "./LoginForm";
import { OidcButton } from "./OidcButton";
import { keys } from "./queries";
import { useServices } from "./services";
import { useMe } from "./session";

/** Asks to log in again over whatever one is doing, which stays on the screen. */
export function ReloginDialog() {
  const me = useMe();
  const queryClient = useQueryClient();
  const { session, queue } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.getState);
  const { waiting } = useSyncExternalStore(queue.book.subscribe, queue.book.getStatus);
  const enter = (user: User) => {
    session.opened();
    queryClient.setQueryData(keys.me, user);
    if (user.id === me.id) {
      queue.wake();
      // Masks are the store's and the feed's; reading them again would begin the image anew.
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.masks(0)[0] });
      return;
    }
    // Everything on the screen is somebody else's: begin anew.
    window.location.assign("/");
  };
  return (
    <Modal
      opened={state === "asked"}
      onClose={() => session.postpone()}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": "Later" }}
      title="Log in again"
      centered
    >
      <Stack data-testid="relogin">
        <Text size="sm">
          {waiting > 0
            ? `The session of ${me.display_name} has ended. ${counted(waiting, "change")} will be saved as soon as you log in; close this to go on working first.`
            : `The session of ${me.display_name} has ended. Log in to go on; nothing is lost.`}
        </Text>
        <LoginForm username={me.username} onLoggedIn={enter} />
        <OidcButton returnTo={window.location.pathname + window.location.search} />
      </Stack>
    </Modal>
  );
}
