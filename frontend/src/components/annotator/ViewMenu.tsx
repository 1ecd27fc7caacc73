import {
  ActionIcon,
  Button,
  Divider,
  Group,
  Indicator,
  Kbd,
  Popover,
  SegmentedControl,
  Slider,
  Stack,
  Switch,
  Text,
  Tooltip,
} from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import type { Channel, RangeName, ViewOptions } from "../../state/viewOptions";
import { CHANNELS, DEFAULT_VIEW, isDefaultView, RANGES, withRange } from "../../state/viewOptions";
import type { Command } from "../../tools/commands";
import { useKeyText, useLabelWithKey } from "./KeymapContext";

interface Props {
  readonly isOpen: boolean;
  readonly options: ViewOptions;
  readonly onChange: (options: ViewOptions) => void;
  readonly onCommand: (command: Command) => void;
  readonly onClose: () => void;
}

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  rgb: "RGB",
  red: "R",
  green: "G",
  blue: "B",
  grey: "Grey",
};

const SLIDERS: readonly { name: RangeName; title: string; less: Command; more: Command }[] = [
  { name: "brightness", title: "Brightness", less: { name: "darker" }, more: { name: "brighter" } },
  { name: "contrast", title: "Contrast", less: { name: "lessContrast" }, more: { name: "moreContrast" } },
  { name: "gamma", title: "Gamma", less: { name: "lessGamma" }, more: { name: "moreGamma" } },
];

const SWITCHES: readonly {
  name: "outlinesOnly" | "crosshair" | "pixelGrid" | "minimap";
  title: string;
  command: Command;
}[] = [
  { name: "outlinesOnly", title: "Outlines only", command: { name: "toggleOutlines" } },
  { name: "crosshair", title: "Crosshair", command: { name: "toggleCrosshair" } },
  { name: "pixelGrid", title: "Pixel grid from 800 %", command: { name: "togglePixelGrid" } },
  { name: "minimap", title: "Minimap when zoomed in", command: { name: "toggleMinimap" } },
];

/** How the photograph and the masks are looked at; nothing of it is saved with them or reaches the model. */
export function ViewMenu({ isOpen, options, onChange, onCommand, onClose }: Props) {
  const label = useLabelWithKey()("View options", { name: "viewOptions" });
  return (
    <Popover
      opened={isOpen}
      onChange={(open) => !open && onClose()}
      position="bottom-end"
      width={320}
      trapFocus
      returnFocus
      // While it faded out it would still have the keys.
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Tooltip label={label}>
          <Indicator disabled={isDefaultView(options)} size={7} offset={6}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={label}
              data-testid="view-open"
              onClick={() => onCommand({ name: "viewOptions" })}
            >
              <IconAdjustments size={18} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown data-testid="view-options" aria-label="View options">
        <Stack gap="sm">
          <Heading title="Photograph" note="for the eye only" />
          {SLIDERS.map(({ name, title, less, more }) => (
            <Range key={name} {...{ name, title, less, more, options, onChange }} />
          ))}
          <Line title="Channel" command={{ name: "nextChannel" }} />
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label="Channel"
            value={options.channel}
            onChange={(channel) => onChange({ ...options, channel })}
            data={CHANNELS.map((channel) => ({ value: channel, label: CHANNEL_NAMES[channel] }))}
          />
          <Divider />
          <Heading title="Masks" />
          <Range
            name="maskOpacity"
            title="Opacity"
            less={{ name: "lessOpaque" }}
            more={{ name: "moreOpaque" }}
            {...{ options, onChange }}
          />
          <Line title="Colour by" command={{ name: "toggleInstanceColors" }} />
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label="Colour by"
            value={options.colorBy}
            onChange={(colorBy) => onChange({ ...options, colorBy })}
            data={[
              { value: "label", label: "Label" },
              { value: "instance", label: "Instance" },
            ]}
          />
          {SWITCHES.map(({ name, title, command }) => (
            <Group key={name} justify="space-between" wrap="nowrap">
              <Switch
                size="xs"
                label={title}
                checked={options[name]}
                onChange={(event) => onChange({ ...options, [name]: event.currentTarget.checked })}
                data-testid={`view-${name}`}
              />
              <KeyHint commands={[command]} />
            </Group>
          ))}
          <Button
            size="xs"
            variant="default"
            disabled={isDefaultView(options)}
            onClick={() => onChange(DEFAULT_VIEW)}
            rightSection={<KeyHint commands={[{ name: "resetView" }]} />}
            data-testid="view-reset"
          >
            Reset
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Range({
  name,
  title,
  less,
  more,
  options,
  onChange,
}: {
  readonly name: RangeName;
  readonly title: string;
  readonly less: Command;
  readonly more: Command;
} & Pick<Props, "options" | "onChange">) {
  const value = options[name];
  return (
    <div>
      <Group justify="space-between" mb={2}>
        <Text size="xs">
          {title} <b>{Math.round(value * 100)} %</b>
        </Text>
        <KeyHint commands={[less, more]} />
      </Group>
      <Slider
        size="sm"
        thumbLabel={title}
        label={null}
        {...RANGES[name]}
        value={value}
        onChange={(next) => onChange(withRange(options, name, next))}
        data-testid={`view-${name}`}
      />
    </div>
  );
}

function Heading({ title, note }: { readonly title: string; readonly note?: string }) {
  return (
    <Text size="xs" fw={700}>
      {title}
      {note && (
        <Text span size="xs" className="faint" fw={400}>
          {" "}
          {note}
        </Text>
      )}
    </Text>
  );
}

function Line({ title, command }: { readonly title: string; readonly command: Command }) {
  return (
    <Group justify="space-between" mb={-6}>
      <Text size="xs">{title}</Text>
      <KeyHint commands={[command]} />
    </Group>
  );
}

function KeyHint({ commands }: { readonly commands: readonly Command[] }) {
  const keyText = useKeyText();
  return (
    <Group gap={4} wrap="nowrap">
      {commands
        .map(keyText)
        .filter(Boolean)
        .map((key) => (
          <Kbd key={key} size="xs">
            {key}
          </Kbd>
        ))}
    </Group>
  );
}
