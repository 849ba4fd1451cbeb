// A table that is wider than the page is scrolled: who uses the keyboard must get there.
{
  const reach = new ResizeObserver((seen) => {
    for (const { target } of seen) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  const look = () => {
    for (const one of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) reach.observe(one);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
}
