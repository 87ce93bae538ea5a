import type { Price } from '../prices/price.js';

/** A product as the catalog knows it. */
export interface Product {
  id: number;
  name: string;
}

/** A product as the customer sees it. */
export interface ProductPage extends Product {
  /** Null while prices cannot be had. */
  price: Price | null;
}
