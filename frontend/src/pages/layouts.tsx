import { Center, Container, Loader } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, Outlet, useLocation, useNavigate } from "react-router";
import { fetchMe, logout } from "../api/auth";
import { ApiError, describeError, isLoggedOut } from "../api/errors";
import { AppHeader } from "../components/common/AppHeader";
import { counted } from "../components/common/formats";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { forgetCommentDrafts } from "./annotator/commentDrafts";
import { NotificationBell } from "./NotificationBell";
import { keys } from "./queries";
import { ReloginDialog } from "./ReloginDialog";
import { SaveIndicator } from "./SaveIndicator";
import { useServices } from "./services";
import { MeContext, useMe } from "./session";

/** Lets only people who are logged in through; others log in first and come back. What waits for them is sent. */
export function RequireLogin() {
  const location = useLocation();
  const me = useQuery({ queryKey: keys.me, queryFn: fetchMe, staleTime: 60_000 });
  const { embeddings, queue } = useServices();
  const [myId, myName] = [me.data?.id, me.data?.display_name];
  useEffect(() => {
    if (myId !== undefined) void embeddings.belongTo(String(myId));
  }, [embeddings, myId]);
  useEffect(() => {
    if (myId !== undefined && myName !== undefined) queue.setUser({ id: myId, name: myName });
  }, [queue, myId, myName]);
  if (me.data) {
    return (
      <MeContext value={me.data}>
        {/* Another person in this tab begins anew: nothing on the screen is theirs. */}
        <Outlet key={me.data.id} />
        <ReloginDialog />
      </MeContext>
    );
  }
  if (me.isPending) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (me.error instanceof ApiError && (me.error.status === 401 || me.error.status === 403)) {
    return <Navigate to="/login" replace state={{ from: location.pathname + location.search }} />;
  }
  return (
    <Container size="sm" pt={120}>
      <ErrorNotice
        title="The server does not answer"
        error={describeError(me.error)}
        onRetry={() => void me.refetch()}
      />
    </Container>
  );
}

/** Header and a centred column: every page but login and annotator. */
export function PlainLayout() {
  const me = useMe();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { clipboard, embeddings, forgetHistories, photographs, queue, session, uploads } = useServices();
  const leave = async () => {
    try {
      await logout();
    } catch (error) {
      // Without a session there is none to end; any other failure leaves it open for whoever comes next.
      if (!isLoggedOut(error)) {
        notifications.show({
          color: "orange",
          title: "Still logged in",
          message: describeError(error).message,
        });
        return;
      }
    }
    queue.setUser(null);
    session.opened();
    photographs.clear();
    clipboard.clear();
    uploads.endAll();
    forgetCommentDrafts(me.id);
    await forgetHistories(me.id);
    await embeddings.belongTo(null);
    queryClient.clear();
    await navigate("/login");
  };
  const askToLeave = () => {
    const { waiting } = queue.book.getStatus();
    if (waiting === 0) {
      void leave();
      return;
    }
    modals.openConfirmModal({
      title: `${counted(waiting, "change")} not on the server yet`,
      children: "They stay in this browser and are saved when you log in here again.",
      labels: { confirm: "Log out all the same", cancel: "Stay" },
      onConfirm: () => void leave(),
    });
  };
  return (
    <>
      <AppHeader
        userName={me.display_name}
        onLogout={askToLeave}
        status={
          <>
            <SaveIndicator isQuiet />
            <NotificationBell />
          </>
        }
      />
      <Container size="xl" py="lg" component="main">
        <Outlet />
      </Container>
    </>
  );
}
