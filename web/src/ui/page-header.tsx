import Header, { type HeaderProps } from "@cloudscape-design/components/header";
import { useEffect } from "react";
import { useLocation } from "react-router";
import { createStore } from "../store.ts";

export interface Crumb {
  readonly text: string;
  readonly href: string;
}

/** The way to the page that is shown, without its section. */
export const trail = createStore<{ readonly path: string; readonly crumbs: readonly Crumb[] }>({
  path: "",
  crumbs: [],
});

interface Props extends Pick<HeaderProps, "actions" | "description"> {
  readonly children: string;
  /** Pages between the section and this one. */
  readonly under?: readonly Crumb[];
}

const NONE: readonly Crumb[] = [];

/** The heading of a page. It names the browser's tab, and ends the breadcrumbs. */
export function PageHeader({ children, under = NONE, ...props }: Props) {
  const { pathname } = useLocation();
  const before = JSON.stringify(under);
  useEffect(() => {
    document.title = `${children} · ocpp-relay`;
    trail.set({
      path: pathname,
      crumbs: [...(JSON.parse(before) as Crumb[]), { text: children, href: `#${pathname}` }],
    });
  }, [children, before, pathname]);
  return (
    <Header variant="h1" {...props}>
      {children}
    </Header>
  );
}
