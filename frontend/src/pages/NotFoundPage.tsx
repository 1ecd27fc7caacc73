import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link } from "react-router";
import { EmptyState } from "../components/common/EmptyState";

export function NotFoundPage() {
  return (
    <EmptyState
      icon={<IconMapOff size={32} />}
      title="There is no such page"
      action={
        <Button component={Link} to="/" variant="light">
          All projects
        </Button>
      }
    >
      The address may be mistyped, or what it named was deleted.
    </EmptyState>
  );
}
