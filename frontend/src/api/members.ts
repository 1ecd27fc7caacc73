import { client, dataOf, done } from "./client";
import type { Invitation, InvitationCreated, InvitationWrite, Membership, Role } from "./types";

const of = (projectId: number) => ({ params: { path: { project_id: projectId } } });

export function fetchMembers(projectId: number): Promise<Membership[]> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/members/", of(projectId)));
}

export function changeRole(projectId: number, userId: number, role: Role): Promise<Membership> {
  return dataOf(
    client.PATCH("/api/v1/projects/{project_id}/members/{user_id}/", {
      params: { path: { project_id: projectId, user_id: userId } },
      body: { role },
    }),
  );
}

export function removeMember(projectId: number, userId: number): Promise<void> {
  return done(
    client.DELETE("/api/v1/projects/{project_id}/members/{user_id}/", {
      params: { path: { project_id: projectId, user_id: userId } },
    }),
  );
}

export function fetchInvitations(projectId: number): Promise<Invitation[]> {
  return dataOf(client.GET("/api/v1/projects/{project_id}/invitations/", of(projectId)));
}

export function createInvitation(projectId: number, body: InvitationWrite): Promise<InvitationCreated> {
  return dataOf(client.POST("/api/v1/projects/{project_id}/invitations/", { ...of(projectId), body }));
}

export function revokeInvitation(invitationId: number): Promise<void> {
  return done(
    client.DELETE("/api/v1/invitations/{invitation_id}/", {
      params: { path: { invitation_id: invitationId } },
    }),
  );
}

/** Makes whoever is logged in a member; answers the project. */
export function acceptInvitation(secret: string): Promise<{ id: number; name: string }> {
  return dataOf(client.POST("/api/v1/invitations/accept/", { body: { secret } }));
}

/** The link that is handed to somebody. */
export function invitationUrl(secret: string): string {
  return `${window.location.origin}/invitations/${secret}`;
}
