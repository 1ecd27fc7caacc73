import { ActionIcon, Badge, Button, Group, Select, Stack, Text, Tooltip } from "@mantine/core";
import { IconUserMinus } from "@tabler/icons-react";
import type { Membership, Role } from "../../api/types";
import { roleLabel, rolesToGive } from "./roles";

interface Props {
  readonly members: readonly Membership[];
  readonly myId: number;
  readonly myRole: Role;
  /** Whether roles may be changed and others taken out. */
  readonly isManaged: boolean;
  readonly onChangeRole: (member: Membership, role: Role) => void;
  readonly onRemove: (member: Membership) => void;
}

/** Who belongs to the project, and as what. */
export function MemberList({ members, myId, myRole, isManaged, onChangeRole, onRemove }: Props) {
  const roles = rolesToGive(myRole);
  const isMine = (member: Membership) => isManaged && roles.some(({ value }) => value === member.role);
  return (
    <Stack gap="xs" data-testid="member-list">
      {members.map((member) => (
        <Group
          key={member.user_id}
          justify="space-between"
          wrap="nowrap"
          data-testid="member"
          data-username={member.username}
        >
          <div style={{ minWidth: 0 }}>
            <Text size="sm" truncate>
              {member.display_name}
              {member.user_id === myId && (
                <Badge ml="xs" size="xs" variant="light">
                  you
                </Badge>
              )}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {member.username}
            </Text>
          </div>
          <Group gap="xs" wrap="nowrap">
            {isMine(member) ? (
              <Select
                w={150}
                size="xs"
                aria-label={`Role of ${member.display_name}`}
                data={[...roles]}
                value={member.role}
                allowDeselect={false}
                onChange={(role) => role && onChangeRole(member, role)}
              />
            ) : (
              <Text size="sm" c="dimmed">
                {roleLabel(member.role)}
              </Text>
            )}
            {member.user_id === myId ? (
              <Button size="compact-xs" variant="subtle" color="red" onClick={() => onRemove(member)}>
                Leave
              </Button>
            ) : (
              isMine(member) && (
                <Tooltip label={`Take ${member.display_name} out of the project`}>
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    aria-label={`Take ${member.display_name} out of the project`}
                    onClick={() => onRemove(member)}
                  >
                    <IconUserMinus size={16} />
                  </ActionIcon>
                </Tooltip>
              )
            )}
          </Group>
        </Group>
      ))}
    </Stack>
  );
}
