export interface Price {
  /** The product it is for. */
  id: number;
  cents: number;
  currency: string;
}
