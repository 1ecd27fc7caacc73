import { ActionIcon, Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { IconDownload, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useState, type KeyboardEvent } from "react";

const STEPS: readonly number[] = [0.5, 0.75, 1, 1.5, 2, 3, 4];
const AS_IT_IS = STEPS.indexOf(1);
const ALT = "Photographs to measure by: the true outline, one click before, and one click after the training";

/** Photographs with the truth and both models' answers, to be looked at closely. */
export function ComparisonPictures({ url }: { readonly url: string }) {
  const [isOpen, setOpen] = useState(false);
  const [isMissing, setMissing] = useState(false);
  return (
    <section className="chart-card" aria-label="Side by side" data-testid="comparison">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Title order={4} fz="md">
            Side by side
          </Title>
          <Text size="xs" c="dimmed">
            One click in the largest object of some images to measure by: the truth, before, after.
          </Text>
        </div>
        {!isMissing && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconZoomIn size={14} />}
            onClick={() => setOpen(true)}
          >
            Look closely
          </Button>
        )}
      </Group>
      {isMissing ? (
        <Text size="sm" c="dimmed">
          The pictures could not be loaded.
        </Text>
      ) : (
        <button
          type="button"
          className="comparison-button"
          aria-label="Look closely at the pictures"
          onClick={() => setOpen(true)}
        >
          <img src={url} alt={ALT} onError={() => setMissing(true)} data-testid="comparison-picture" />
        </button>
      )}
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Side by side" fullScreen>
        <Zoomed url={url} />
      </Modal>
    </section>
  );
}

function Zoomed({ url }: { readonly url: string }) {
  const [step, setStep] = useState(AS_IT_IS);
  const [width, setWidth] = useState<number | null>(null);
  const zoom = STEPS[step]!;
  const move = (by: number) => setStep((now) => Math.min(STEPS.length - 1, Math.max(0, now + by)));
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "+" || key === "=") move(1);
    else if (key === "-") move(-1);
    else if (key === "0") setStep(AS_IT_IS);
  };
  return (
    <Stack gap="xs" onKeyDown={onKeyDown}>
      <Group gap="xs">
        <ActionIcon variant="default" aria-label="Smaller (−)" onClick={() => move(-1)} disabled={step === 0}>
          <IconZoomOut size={16} />
        </ActionIcon>
        <Text size="sm" w={52} ta="center" aria-live="polite" data-testid="comparison-zoom">
          {Math.round(100 * zoom)} %
        </Text>
        <ActionIcon
          variant="default"
          aria-label="Larger (+)"
          onClick={() => move(1)}
          disabled={step === STEPS.length - 1}
        >
          <IconZoomIn size={16} />
        </ActionIcon>
        <Button
          component="a"
          href={url}
          download
          size="xs"
          variant="subtle"
          color="gray"
          leftSection={<IconDownload size={14} />}
        >
          Download
        </Button>
      </Group>
      <div className="comparison-view" tabIndex={0} role="region" aria-label="The pictures" data-autofocus>
        <img
          src={url}
          alt={ALT}
          onLoad={(event) => setWidth(event.currentTarget.naturalWidth)}
          style={width === null ? {} : { width: zoom * width, maxWidth: "none" }}
        />
      </div>
    </Stack>
  );
}
