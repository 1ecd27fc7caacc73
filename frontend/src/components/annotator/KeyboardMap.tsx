import { Group, Kbd, Modal, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { BINDINGS, GESTURES, OPERATIONS, TOOLS } from "../../tools/keymap";

/** All keys and gestures of the annotator, from the same table that handles them. */
export function KeyboardMap({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keyboard and mouse" size="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" data-testid="keyboard-map">
        <Stack gap={4}>
          <Text fw={600} size="sm">
            Keys
          </Text>
          <Table fz="sm" verticalSpacing={5}>
            <Table.Tbody>
              {BINDINGS.map((binding) => (
                <Table.Tr key={binding.command}>
                  <Table.Td w={150}>
                    <Group gap={4}>
                      {binding.keys.map((key) => (
                        <Kbd key={key} size="xs">
                          {key}
                        </Kbd>
                      ))}
                    </Group>
                  </Table.Td>
                  <Table.Td>{binding.description}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
        <Stack gap={4}>
          <Text fw={600} size="sm">
            Tools
          </Text>
          <Table fz="sm" verticalSpacing={5} mb="md">
            <Table.Tbody>
              {TOOLS.map((item) => (
                <Table.Tr key={item.tool}>
                  <Table.Td w={150}>
                    <Kbd size="xs">{item.key}</Kbd>
                  </Table.Td>
                  <Table.Td>
                    {item.name}: {item.description}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text fw={600} size="sm">
            Clean up and combine
          </Text>
          <Table fz="sm" verticalSpacing={5} mb="md">
            <Table.Tbody>
              {OPERATIONS.map(({ operation, title, key }) => (
                <Table.Tr key={operation}>
                  <Table.Td w={150}>
                    <Kbd size="xs">{key}</Kbd>
                  </Table.Td>
                  <Table.Td>{title}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text fw={600} size="sm">
            Mouse
          </Text>
          <Table fz="sm" verticalSpacing={5}>
            <Table.Tbody>
              {GESTURES.map(({ gesture, description }) => (
                <Table.Tr key={gesture}>
                  <Table.Td w={150} fw={500}>
                    {gesture}
                  </Table.Td>
                  <Table.Td>{description}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      </SimpleGrid>
    </Modal>
  );
}
