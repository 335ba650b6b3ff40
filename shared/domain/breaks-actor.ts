// Who a request to the break management surface is made by: a person whom the directory knows, with their groups as of the
// last look-up. `admin` is a member of the administrators' group; it makes nobody maker or checker.

export type BreaksActor = {
  tenant: string;
  userId: string;
  role: 'admin' | 'user';
  /** As the directory writes it; two spellings of one DN are compared by the rules of DNs, never by the text. */
  dn: string;
  /** Full DNs. */
  groups: string[];
  name: string;
  sessionId: string;
};
