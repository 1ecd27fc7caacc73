import { Group, Text } from "@mantine/core";
import icon from "./brand.svg";

/** The product's name and mark. */
export function Brand({ size = 26 }: { readonly size?: number }) {
  return (
    <Group gap={9} wrap="nowrap">
      <img src={icon} width={size} height={size} alt="" />
      <Text fw={700} fz={size * 0.72} lh={1} style={{ letterSpacing: "-0.02em" }}>
        Anymask
      </Text>
    </Group>
  );
}
