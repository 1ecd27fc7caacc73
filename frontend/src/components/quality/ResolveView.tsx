import {
  Alert,
  Anchor,
  Badge,
  Box,
  Button,
  Group,
  Kbd,
  Paper,
  ScrollArea,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArrowLeft, IconArrowRight, IconCircleCheck } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import type { ConsensusImageDetail, Label, Resolve } from "../../api/types";
import { counted } from "../common/formats";
import { Share } from "./AgreementPanel";
import { CONSENSUS_LOOKS } from "./consensusStates";
import { ObjectRows } from "./ObjectRows";
import { OutlineStage } from "./OutlineStage";
import { Eye, Option } from "./ResolveOption";
import { drawingsOf, shapesOf } from "./resolveDrawings";
import {
  drawerColor,
  isPickable,
  mergeChoice,
  pickChoice,
  resolveOf,
  withToggled,
  type Choice,
} from "./resolution";

interface Props {
  readonly image: ConsensusImageDetail;
  readonly labels: readonly Label[];
  readonly isBusy: boolean;
  readonly onResolve: (wanted: Resolve) => void;
  readonly onReopen: () => void;
  /** To another image of the round, by its id. */
  readonly onMove: (id: number) => void;
}

/** What several people drew on one image, and what is to become of it. Mount it anew for each image and state. */
export function ResolveView({ image, labels, isBusy, onResolve, onReopen, onMove }: Props) {
  const isReady = image.state === "ready";
  const [choice, setChoice] = useState<Choice | null>(() => (isReady ? mergeChoice(image) : null));
  const [accept, setAccept] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [pointed, setPointed] = useState<string | null>(null);
  const shapes = useMemo(() => shapesOf(image), [image]);
  const drawings = useMemo(
    () => drawingsOf(image, shapes, choice, hidden, pointed),
    [image, shapes, choice, hidden, pointed],
  );
  const apply = () => {
    if (choice && !isBusy) onResolve(resolveOf(choice, accept));
  };
  const pick = (place: number) => {
    const drawer = image.drawers[place];
    if (isReady && drawer && isPickable(drawer)) setChoice(pickChoice(drawer));
  };
  const merge = () => {
    if (isReady) setChoice(mergeChoice(image));
  };
  const move = (id: number | null) => {
    if (id !== null) onMove(id);
  };
  useHotkeys([
    ["ArrowLeft", () => move(image.previous_id)],
    ["ArrowRight", () => move(image.next_id)],
    ["m", merge],
    [
      "Enter",
      (event) => {
        if (isOtherControl(event.target)) return;
        event.preventDefault();
        apply();
      },
      { preventDefault: false },
    ],
    ...image.drawers
      .slice(0, 9)
      .map((_, place) => [String(place + 1), () => pick(place)] as [string, () => void]),
  ]);
  const hide = (annotator: number) => {
    const next = new Set(hidden);
    if (!next.delete(annotator)) next.add(annotator);
    setHidden(next);
  };
  return (
    <Stack gap="sm" data-testid="resolve" data-state={image.state}>
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600}>{image.file_name}</Text>
          <Badge
            variant="light"
            color={CONSENSUS_LOOKS[image.state].color}
            tt="none"
            data-testid="consensus-state"
          >
            {CONSENSUS_LOOKS[image.state].label}
          </Badge>
          <Anchor component={Link} to={`/images/${image.image}`} size="sm">
            Open the image
          </Anchor>
        </Group>
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconArrowLeft size={14} />}
            disabled={image.previous_id === null}
            onClick={() => move(image.previous_id)}
          >
            Previous
          </Button>
          <Button
            variant="default"
            size="xs"
            rightSection={<IconArrowRight size={14} />}
            disabled={image.next_id === null}
            onClick={() => move(image.next_id)}
          >
            Next
          </Button>
        </Group>
      </Group>
      <Group align="flex-start" gap="md" wrap="wrap">
        <Box style={{ flex: "1 1 480px", minWidth: 0 }}>
          <OutlineStage
            url={image.file_url}
            alt={`${image.file_name} with everybody’s outlines`}
            size={{ height: image.height, width: image.width }}
            drawings={drawings}
          />
        </Box>
        <Paper withBorder p="md" radius="md" style={{ flex: "0 1 380px", minWidth: 320 }}>
          <Stack gap="md">
            <Figures image={image} />
            <Stack gap={6} role="radiogroup" aria-label="Whose masks become the image’s">
              <Option
                name="Merge"
                detail="What most of them have in common"
                shortcut="M"
                isChosen={choice?.annotator === null}
                isPossible={isReady}
                onChoose={merge}
              />
              {image.drawers.map((drawer, place) => (
                <Option
                  key={drawer.annotator.id}
                  name={drawer.annotator.display_name}
                  detail={isPickable(drawer) ? counted(drawer.masks.length, "mask") : "Not submitted yet"}
                  shortcut={place < 9 ? String(place + 1) : null}
                  color={drawerColor(place)}
                  isChosen={choice?.annotator === drawer.annotator.id}
                  isPossible={isReady && isPickable(drawer)}
                  onChoose={() => pick(place)}
                  eye={
                    <Eye
                      name={drawer.annotator.display_name}
                      isHidden={hidden.has(drawer.annotator.id)}
                      onToggle={() => hide(drawer.annotator.id)}
                    />
                  }
                />
              ))}
            </Stack>
            {image.state !== "resolved" && (
              <ScrollArea.Autosize mah={280} type="auto">
                <ObjectRows
                  image={image}
                  labels={labels}
                  choice={choice}
                  onToggle={(object) => choice && setChoice(withToggled(choice, object))}
                  onPoint={setPointed}
                />
              </ScrollArea.Autosize>
            )}
            {isReady && choice && (
              <Stack gap="xs">
                <Switch
                  size="sm"
                  label="Accept it at once"
                  description="Otherwise it is submitted, and waits for a review."
                  checked={accept}
                  onChange={(event) => setAccept(event.currentTarget.checked)}
                />
                <Button
                  onClick={apply}
                  loading={isBusy}
                  rightSection={<Kbd size="xs">Enter</Kbd>}
                  data-testid="apply"
                >
                  Write {counted(choice.objects.size, "mask")} to the image
                </Button>
              </Stack>
            )}
            {image.state === "open" && (
              <Text size="sm" c="dimmed">
                {image.submitted_count} of {image.annotator_count} have submitted. It can be resolved when all
                have, or when the round is closed.
              </Text>
            )}
            {image.state === "resolved" && <Resolved image={image} isBusy={isBusy} onReopen={onReopen} />}
          </Stack>
        </Paper>
      </Group>
    </Stack>
  );
}

/** Whether Enter belongs to what has the focus: any button or link but those that choose whose masks are taken. */
function isOtherControl(target: EventTarget | null): boolean {
  const control = target instanceof Element ? target.closest("button, a") : null;
  return control !== null && control.getAttribute("role") !== "radio";
}

function Figures({ image }: { readonly image: ConsensusImageDetail }) {
  const figures = [
    ["IoU", image.mean_iou],
    ["F1", image.f1],
    ["Labels", image.label_agreement],
  ] as const;
  return (
    <Group grow gap="xs">
      {figures.map(([name, value]) => (
        <div key={name}>
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          <Share value={value} />
        </div>
      ))}
    </Group>
  );
}

interface ResolvedProps {
  readonly image: ConsensusImageDetail;
  readonly isBusy: boolean;
  readonly onReopen: () => void;
}

function Resolved({ image, isBusy, onReopen }: ResolvedProps) {
  const how =
    image.way === "merge" ? "Merged" : `${image.picked?.display_name ?? "Somebody"}’s masks were taken`;
  const isAccepted = image.status === "accepted";
  return (
    <Alert color="teal" icon={<IconCircleCheck size={18} />} title={how} data-testid="resolved">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          By {image.resolved_by?.display_name ?? "somebody"}; the image is {image.status.replace("_", " ")}.
        </Text>
        {!isAccepted && (
          <Button
            size="xs"
            variant="light"
            color="teal"
            loading={isBusy}
            onClick={onReopen}
            data-testid="reopen"
          >
            Take it back
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
