import { Center, Container, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, Outlet, useLocation, useNavigate } from "react-router";
import { fetchMe, logout } from "../api/auth";
import { ApiError, describeError } from "../api/errors";
import { AppHeader } from "../components/common/AppHeader";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { keys } from "./queries";
import { useServices } from "./services";
import { MeContext, useMe } from "./session";

/** Lets only people who are logged in through; others log in first and come back. */
export function RequireLogin() {
  const location = useLocation();
  const me = useQuery({ queryKey: keys.me, queryFn: fetchMe, staleTime: 60_000 });
  const { embeddings } = useServices();
  const myId = me.data?.id;
  useEffect(() => {
    if (myId !== undefined) void embeddings.belongTo(String(myId));
  }, [embeddings, myId]);
  if (me.data) {
    return (
      <MeContext value={me.data}>
        <Outlet />
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
  const { embeddings, photographs } = useServices();
  const leave = async () => {
    await logout().catch(() => undefined);
    photographs.clear();
    await embeddings.belongTo(null);
    queryClient.clear();
    await navigate("/login");
  };
  return (
    <>
      <AppHeader userName={me.display_name} onLogout={() => void leave()} />
      <Container size="xl" py="lg" component="main">
        <Outlet />
      </Container>
    </>
  );
}
