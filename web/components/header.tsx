export function Header() {
  return (
    <header class="header">
      <a class="brand" href="#/">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
          <path class="brand-posts" d="M6 5v22M26 5v22" />
          <path class="brand-gate" d="M10.500 5h11v8.500h-11z" />
          <path
            class="brand-water"
            d="M10.500 19.500c1.800-1.700 3.700-1.700 5.500 0s3.700 1.700 5.500 0M10.500 25c1.800-1.700 3.700-1.700 5.500 0s3.700 1.700 5.500 0"
          />
        </svg>
        <span class="brand-name">Sluice</span>
      </a>
      <p class="tagline">Upload a video, watch it while it is still being made.</p>
    </header>
  );
}
