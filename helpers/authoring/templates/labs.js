// Labs without a kernel: each state was drawn when the site was built, and is shown when it is chosen.
for (const lab of document.querySelectorAll(".moving-lab")) {
  const states = JSON.parse(lab.querySelector("script").textContent);
  const controls = [...lab.querySelectorAll("input, select")];
  const image = lab.querySelector("img");
  const caption = lab.querySelector(".lab-caption");
  const steps = (control) => (control.list ?? control).options;

  const show = () => {
    const place = controls.reduce((sum, control) => sum * steps(control).length + Number(control.value), 0);
    const state = states[place];
    if (state.image) {
      image.src = image.parentElement.href = lab.dataset.address + state.image;
      image.alt = state.alt;
    }
    caption.innerHTML = state.caption;
    for (const slider of controls.filter((control) => control.list)) {
      const label = steps(slider)[slider.value].label;
      slider.setAttribute("aria-valuetext", label);
      lab.querySelector(`output[for="${slider.id}"]`).value = label;
    }
  };

  controls.forEach((control) => control.addEventListener("input", show));
  lab.querySelector(".lab-controls").hidden = false;
  show(); // a browser may have kept the values of an earlier visit
}
