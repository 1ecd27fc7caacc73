import { ActionIcon, Anchor, Box, Container, Group, Menu, Tooltip } from "@mantine/core";
import { IconListCheck, IconLogout, IconStethoscope, IconUser, IconUserCog } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Brand } from "./Brand";
import { ThemeSwitch } from "./ThemeSwitch";

interface Props {
  readonly userName: string | null;
  readonly onLogout: () => void;
  /** What there is to say of unsaved work. */
  readonly status?: ReactNode;
  readonly children?: ReactNode;
}

/** The bar at the top of every page but the annotator. */
export function AppHeader({ userName, onLogout, status, children }: Props) {
  return (
    <Box component="header" className="app-header">
      <Container size="xl" h="100%">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="lg" wrap="nowrap" style={{ minWidth: 0 }}>
            <Anchor component={Link} to="/" underline="never" c="inherit" title="All projects">
              <Brand />
            </Anchor>
            {children}
          </Group>
          <Group gap={4} wrap="nowrap">
            {status}
            <Tooltip label="Jobs">
              <ActionIcon
                component={Link}
                to="/jobs"
                variant="subtle"
                color="gray"
                size="lg"
                aria-label="Jobs"
                data-testid="jobs-all"
              >
                <IconListCheck size={18} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Self-test: how masks are decoded here">
              <ActionIcon
                component={Link}
                to="/self-test"
                variant="subtle"
                color="gray"
                size="lg"
                aria-label="Self-test"
              >
                <IconStethoscope size={18} />
              </ActionIcon>
            </Tooltip>
            <ThemeSwitch />
            {userName && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Account of ${userName}`}>
                    <IconUser size={18} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Label>{userName}</Menu.Label>
                  <Menu.Item
                    component={Link}
                    to="/account"
                    leftSection={<IconUserCog size={16} />}
                    data-testid="account-open"
                  >
                    Account
                  </Menu.Item>
                  <Menu.Item leftSection={<IconLogout size={16} />} onClick={onLogout} data-testid="logout">
                    Log out
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </Group>
        </Group>
      </Container>
    </Box>
  );
}
