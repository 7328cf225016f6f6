/** A page of this server as a document: nothing in it runs, and no text is ever made into markup here. */
export function fetchPage(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = 'document';
    request.open('GET', address);
    request.timeout = 15_000;
    request.onload = () => {
      if (request.status === 200 && request.response) resolve(request.response);
      else reject(new Error(`answer ${request.status}`));
    };
    request.onerror = () => reject(new Error('no answer'));
    request.ontimeout = request.onerror;
    request.send();
  });
}
