import { Button, Center, Loader, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { describeError } from "../api/errors";
import { acceptInvitation } from "../api/members";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { keys } from "./queries";

/** Where an invitation's link leads: one becomes a member and is taken to the project. */
export default function InvitationPage() {
  const { secret = "" } = useParams();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const accept = useMutation({
    mutationFn: () => acceptInvitation(secret),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: keys.projects });
      await navigate(`/projects/${id}`, { replace: true });
    },
  });
  const { mutate } = accept;
  // Once, also where React runs effects twice.
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    mutate();
  }, [mutate]);
  if (accept.isError) {
    return (
      <Stack maw={560} mx="auto" mt="xl">
        <ErrorNotice
          title="This invitation does not let you in"
          error={describeError(accept.error)}
          onRetry={() => mutate()}
        />
        <Button component={Link} to="/" variant="default" w="fit-content">
          All projects
        </Button>
      </Stack>
    );
  }
  return (
    <Center h="60vh">
      <Loader aria-label="Opening the invitation" />
    </Center>
  );
}
