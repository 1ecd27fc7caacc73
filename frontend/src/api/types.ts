import type { components } from "./schema";

type Schemas = components["schemas"];

export type User = Schemas["User"];
export type Project = Schemas["Project"];
export type ProjectDetail = Schemas["ProjectDetail"];
export type AuditEntry = Schemas["AuditEntry"];
export type ProjectWrite = Schemas["ProjectWriteRequest"];
export type Role = Schemas["ProjectRole"];
export type Membership = Schemas["Membership"];
export type Invitation = Schemas["Invitation"];
export type InvitationCreated = Schemas["InvitationCreated"];
export type InvitationWrite = Schemas["InvitationWriteRequest"];
export type Label = Schemas["Label"];
export type LabelAttribute = Schemas["LabelAttribute"];
export type LabelAttributeWrite = Schemas["LabelAttributeWriteRequest"];
export type LabelWrite = Schemas["LabelWriteRequest"];
export type Image = Schemas["Image"];
export type ImageDetail = Schemas["ImageDetail"];
export type ImageList = Schemas["PaginatedImageList"];
export type Crop = components["schemas"]["Crop"];
export type Embedding = Schemas["Embedding"];
export type EmbeddingState = Embedding["state"];
export type Mask = Schemas["Mask"];
export type MaskTool = Schemas["MaskTool"];
export type MaskHistoryEntry = Schemas["HistoryEntry"];
export type MaskRevision = Schemas["MaskRevision"];
export type DeletedMask = Schemas["DeletedMask"];
export type MaskCreate = Schemas["MaskCreateRequest"];
export type MaskUpdate = Schemas["MaskUpdateRequest"];
export type MaskChanges = Schemas["MaskChanges"];
export type Tombstone = Schemas["Tombstone"];
/** What a refused change is told of the mask: as it is now, or how it was deleted. */
export type StaleMask = Schemas["StaleExtra"];
export type ModelVersion = Schemas["ModelVersion"];
export type UploadResult = Schemas["UploadResult"];
export type UploadError = Schemas["UploadError"];
