import { ActionIcon, Badge, Checkbox, Group, Menu, Text } from "@mantine/core";
import { IconDots, IconDownload, IconEyeOff, IconMask, IconRefresh, IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Image, Tag } from "../../api/types";
import { StateBadge } from "./StateBadge";
import { TagChips } from "./TagChips";
import { WorkBadge } from "./WorkBadge";
import { isResting } from "./workStatus";

interface Props {
  readonly image: Image;
  /** The project's, of which the image has some. */
  readonly tags: readonly Tag[];
  /** Null where one's role does not allow it. */
  readonly onDelete: ((image: Image) => void) | null;
  readonly onRetry: ((image: Image) => void) | null;
  /** Where the file as it came is; null where there is none apart, or one's role does not allow it. */
  readonly originalUrl: string | null;
  readonly isChosen: boolean;
  /** Null where there is nothing to choose images for. */
  readonly onChoose: ((image: Image, isChosen: boolean) => void) | null;
}

/** One image of a project: thumbnail, state of its embedding, masks, and what can be done with it. */
export function ImageCard({ image, tags, onDelete, onRetry, originalUrl, isChosen, onChoose }: Props) {
  return (
    <div
      className="surface lift image-card"
      data-testid="image-card"
      data-image-id={image.id}
      data-file-name={image.file_name}
      data-state={image.embedding.state}
      data-status={image.work.status}
      data-is-chosen={isChosen}
    >
      <Link to={`/images/${image.id}`} style={{ display: "block", color: "inherit", textDecoration: "none" }}>
        <img
          className="thumb"
          style={{ aspectRatio: "4 / 3" }}
          src={image.thumbnail_url}
          alt=""
          loading="lazy"
          decoding="async"
        />
        <Group justify="space-between" wrap="nowrap" px="sm" py={8} gap="xs">
          <Text size="sm" truncate title={image.file_name} style={{ flex: 1 }}>
            {image.file_name}
          </Text>
          {image.work.assignee && (
            <Text size="xs" c="dimmed" truncate title="Whose work it is" data-testid="image-assignee">
              {image.work.assignee.display_name}
            </Text>
          )}
          {image.work.score !== null && isResting(image.work.status) && (
            <Text size="xs" c="dimmed" title="Score by which it is given out" data-testid="image-score">
              {image.work.score.toFixed(2)}
            </Text>
          )}
          {image.blurred_count > 0 && (
            <Group gap={3} wrap="nowrap" c="dimmed" title="Regions blurred before it was stored">
              <IconEyeOff size={15} />
              <Text size="sm" data-testid="image-blurred-count">
                {image.blurred_count}
              </Text>
            </Group>
          )}
          <Group
            gap={3}
            wrap="nowrap"
            c={image.mask_count ? "inherit" : "dimmed"}
            title="Masks on this image"
          >
            <IconMask size={15} />
            <Text size="sm" data-testid="image-mask-count">
              {image.mask_count}
            </Text>
          </Group>
        </Group>
        <TagChips tags={tags.filter(({ id }) => image.tags.includes(id))} />
      </Link>
      <div className="image-card-state">
        {isResting(image.work.status) ? (
          <StateBadge embedding={image.embedding} />
        ) : (
          <WorkBadge work={image.work} />
        )}
        {image.work.hold && (
          <Badge size="sm" color="grape" tt="none" mt={4} display="block" data-testid="image-hold">
            {image.work.hold === "consensus" ? "In a consensus round" : "Ground truth"}
          </Badge>
        )}
      </div>
      {onChoose && (
        <Checkbox
          className="image-card-choice"
          aria-label={`Choose ${image.file_name}`}
          checked={isChosen}
          onChange={(event) => onChoose(image, event.currentTarget.checked)}
          data-testid="image-choice"
        />
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon
            className="image-card-menu"
            variant="filled"
            color="dark"
            size="md"
            aria-label={`Actions for ${image.file_name}`}
          >
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {image.width} × {image.height} px
          </Menu.Label>
          {onRetry && image.embedding.state === "failed" && (
            <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => onRetry(image)}>
              Try the embedding again
            </Menu.Item>
          )}
          {originalUrl && (
            <Menu.Item
              leftSection={<IconDownload size={16} />}
              component="a"
              href={originalUrl}
              target="_blank"
              rel="noreferrer"
              data-testid="image-original"
            >
              Original, not blurred
            </Menu.Item>
          )}
          {onDelete && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => onDelete(image)}>
              Delete image
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
