import Alert from "@cloudscape-design/components/alert";
import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import Spinner from "@cloudscape-design/components/spinner";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { useEffect } from "react";
import { Outlet, useLocation, useNavigation } from "react-router";
import { useConsole, useIsAdmin } from "./context.ts";
import { useStore } from "./store.ts";
import { type Theme, theme } from "./theme.ts";
import { trail } from "./ui/page-header.tsx";

/** The frame of all pages: navigation, the user's menu, and what is wrong everywhere. */
export function Shell() {
  const { pathname } = useLocation();
  const isAdmin = useIsAdmin();
  const isLoading = useNavigation().state === "loading";
  const section = pathname.split("/")[1] ?? "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page begins at its top
  useEffect(() => {
    window.scrollTo({ top: 0 });
  }, [section]);
  return (
    <>
      <div id="top">
        <Top />
      </div>
      <AppLayout
        headerSelector="#top"
        toolsHide
        navigation={
          <SideNavigation activeHref={`#/${section}`} items={isAdmin ? [...items, ...ofAdmins] : items} />
        }
        breadcrumbs={<Breadcrumbs pathname={pathname} />}
        notifications={<Unreachable />}
        content={isLoading ? <Spinner size="large" /> : <Outlet />}
      />
      <Expired />
    </>
  );
}

const items: readonly SideNavigationProps.Item[] = [
  { type: "link", text: "Stations", href: "#/stations" },
  { type: "link", text: "Communication log", href: "#/log" },
  { type: "divider" },
  { type: "link", text: "Charges", href: "#/charges" },
  { type: "link", text: "Attempts", href: "#/attempts" },
  { type: "link", text: "Tokens", href: "#/tokens" },
  { type: "link", text: "Rates", href: "#/rates" },
  { type: "divider" },
  { type: "link", text: "Commands", href: "#/commands" },
  { type: "link", text: "Bulk commands", href: "#/bulk" },
  { type: "link", text: "Raw request", href: "#/raw" },
  { type: "divider" },
  { type: "link", text: "Webhooks", href: "#/webhooks" },
];

/** Networks are read with operators' scopes, over all networks. */
const ofAdmins: readonly SideNavigationProps.Item[] = [
  { type: "link", text: "Networks", href: "#/networks" },
];

/** The way back from a page inside a section. */
function Breadcrumbs({ pathname }: { readonly pathname: string }) {
  const { path, crumbs } = useStore(trail);
  const href = `#/${pathname.split("/")[1]}`;
  const section = [...items, ...ofAdmins].find((item) => item.type === "link" && item.href === href);
  if (section?.type !== "link" || pathname === href.slice(1)) return null;
  return (
    <BreadcrumbGroup
      items={[{ text: section.text, href }, ...(path === pathname ? crumbs : [])]}
      ariaLabel="Breadcrumbs"
    />
  );
}

const themes: Readonly<Record<Theme, string>> = {
  system: "Theme of the system",
  light: "Light theme",
  dark: "Dark theme",
};

function Top() {
  const { session, network } = useConsole();
  const { user } = session;
  const current = useStore(network);
  const shown = useStore(theme);
  return (
    <TopNavigation
      identity={{ href: "#/stations", title: "ocpp-relay" }}
      i18nStrings={{ overflowMenuTriggerText: "More", overflowMenuTitleText: "All" }}
      utilities={[
        ...(current === undefined
          ? []
          : [
              {
                type: "menu-dropdown" as const,
                text: `Network ${current}`,
                items: user.networks.map((id) => ({ id, text: id })),
                onItemClick: ({ detail }: { detail: { id: string } }) => network.set(detail.id),
              },
            ]),
        {
          type: "menu-dropdown",
          iconName: "user-profile",
          text: user.name,
          ...(user.role && { description: user.role }),
          ariaLabel: `${user.name}, account and theme`,
          items: [
            {
              id: "themes",
              text: "Theme",
              items: Object.entries(themes).map(([id, text]) => ({
                id,
                text,
                itemType: "checkbox" as const,
                checked: id === shown,
              })),
            },
            { id: "sign-out", text: "Sign out" },
          ],
          onItemClick: ({ detail }) => {
            if (detail.id === "sign-out") void session.signOut();
            else theme.set(detail.id as Theme);
          },
        },
      ]}
    />
  );
}

function Unreachable() {
  const { api } = useConsole();
  if (!useStore(api.unreachable)) return null;
  return (
    <Alert type="error" header="The API does not answer">
      {`${api.url} cannot be reached. What is shown may be out of date; the console tries again every few seconds.`}
    </Alert>
  );
}

function Expired() {
  const { session } = useConsole();
  const isExpired = useStore(session.expired);
  return (
    <Modal
      visible={isExpired}
      header="Your session has ended"
      closeAriaLabel="Close"
      onDismiss={() => session.expired.set(false)}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={() => void session.signIn()}>
            Sign in again
          </Button>
        </Box>
      }
    >
      Sign in again to go on. You return to this page.
    </Modal>
  );
}
