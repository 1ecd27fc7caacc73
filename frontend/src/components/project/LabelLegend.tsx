import { ColorSwatch, Group, Stack, Text } from "@mantine/core";
import type { Label } from "../../api/types";
import { counted } from "../common/formats";

/** The project's labels for those who do not decide about them. */
export function LabelLegend({ labels }: { readonly labels: readonly Label[] }) {
  return (
    <Stack gap="xs">
      {labels.map((label) => (
        <Group key={label.id} gap="sm" wrap="nowrap" data-testid="label-row">
          <ColorSwatch color={label.color} size={18} />
          <Text size="sm" style={{ flex: 1 }}>
            {label.name}
            {label.attributes.length > 0 && (
              <Text span size="xs" c="dimmed" ml="xs">
                {label.attributes.map(({ name }) => name).join(", ")}
              </Text>
            )}
          </Text>
          <Text size="xs" className="faint">
            {counted(label.mask_count, "mask")}
          </Text>
        </Group>
      ))}
      <Text size="xs" c="dimmed">
        Owners and managers of the project change labels.
      </Text>
    </Stack>
  );
}
