import { Badge, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Project } from "../../api/types";
import { counted } from "../common/formats";

interface Props {
  readonly project: Project;
  /** The first image's thumbnail, null while there is none. */
  readonly coverUrl: string | null;
}

export function ProjectCard({ project, coverUrl }: Props) {
  const { image_count, annotated_image_count, mask_count, embedding_counts } = project;
  const share = image_count === 0 ? 0 : (100 * annotated_image_count) / image_count;
  const busy = embedding_counts.queued + embedding_counts.running;
  return (
    <Link
      to={`/projects/${project.id}`}
      className="surface lift"
      style={{ display: "block", color: "inherit", textDecoration: "none" }}
      data-testid="project-card"
    >
      {coverUrl ? (
        <img className="thumb" style={{ aspectRatio: "16 / 9" }} src={coverUrl} alt="" loading="lazy" />
      ) : (
        <div className="thumb" style={{ aspectRatio: "16 / 9", display: "grid", placeItems: "center" }}>
          <IconPhoto size={40} opacity={0.35} />
        </div>
      )}
      <Stack gap={8} p="md">
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Title order={4} lineClamp={1}>
            {project.name}
          </Title>
          {busy > 0 && (
            <Badge variant="light" size="sm" style={{ flex: "none" }}>
              {busy} embedding
            </Badge>
          )}
          {busy === 0 && embedding_counts.failed > 0 && (
            <Badge variant="light" color="orange" size="sm" style={{ flex: "none" }}>
              {embedding_counts.failed} failed
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed" lineClamp={2} mih={40}>
          {project.description || "No description."}
        </Text>
        <Progress value={share} size="sm" aria-label={`${Math.round(share)} % of the images have masks`} />
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            {annotated_image_count} of {counted(image_count, "image")} annotated
          </Text>
          <Text size="xs" c="dimmed">
            {counted(mask_count, "mask")}
          </Text>
        </Group>
      </Stack>
    </Link>
  );
}
